// Names the modules of the API reference as programs import them: `@x/dimse/data-set`.

export function load({ converter }) {
  converter.on('resolveBegin', ({ project }) => {
    for (const module of project.children ?? [])
      module.name = `@x/${module.name.replace(/\/src(\/index)?$/, '').replace('/src/', '/')}`;
  });
}
