import { expect, test } from 'vitest';
import { run, start } from './processes.ts';

const node = (script: string) => [process.execPath, ['-e', script]] as const;

test('gives the exit code and both outputs of a program', async () => {
  expect(await run(...node('console.log("out"); console.error("err"); process.exitCode = 3'))).toEqual({
    exitCode: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
});

test('kills a program that runs longer than its timeout', async () => {
  const [program, args] = node('setInterval(() => {}, 1000)');
  expect(await run(program, args, { timeout: 300 })).toMatchObject({ exitCode: null });
});

test('waits for a line and stops the program afterwards', async () => {
  const running = start(
    ...node('process.on("SIGTERM", () => process.exit(5)); console.log("listening 42"); setInterval(() => {}, 1000)'),
  );
  expect((await running.printed(/^listening (\d+)\n/m))[1]).toBe('42');
  expect(await running.stop()).toMatchObject({ exitCode: 5 });
});

test('rejects with the output if the program ends before it prints the line', async () => {
  await expect(start(...node('console.error("no room")')).printed(/listening/)).rejects.toThrow('no room');
});

test('rejects if the program does not exist', async () => {
  await expect(run('/does/not/exist', [])).rejects.toThrow('ENOENT');
  await expect(start('/does/not/exist', []).printed(/./)).rejects.toThrow('ENOENT');
});
