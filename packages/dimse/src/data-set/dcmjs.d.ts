// Types for the parts of dcmjs that this package uses; dcmjs has no types.
declare module 'dcmjs' {
  const dcmjs: {
    readonly log: { setLevel(level: string): void; getLogger(name: string): { setLevel(level: string): void } };
    readonly data: {
      readonly DicomMetaDictionary: {
        readonly nameMap: Readonly<
          Record<string, { readonly vr: string; readonly tag: string; readonly name: string }>
        >;
      };
    };
  };
  export default dcmjs;
}
