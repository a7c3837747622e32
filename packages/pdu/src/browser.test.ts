import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('runs without Node.js and without the globals of browsers', async () => {
  const entry = fileURLToPath(new URL('./index.ts', import.meta.url));
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'iife',
    globalName: 'pdu',
    platform: 'browser',
    write: false,
    metafile: true,
  });
  expect(Object.keys(metafile.inputs).filter((path) => /node_modules|^node:/.test(path))).toEqual([]);
  const context = createContext({});
  runInContext(outputFiles[0]?.text ?? '', context);
  const result = runInContext(
    `const bytes = pdu.encodePdu({ type: 'A-ABORT', source: 2, reason: 1 })[0];
     const request = { type: 'A-ASSOCIATE-RQ', protocolVersion: 1, calledAeTitle: 'A', callingAeTitle: 'B',
       presentationContexts: [{ id: 1, abstractSyntax: '1.2', transferSyntaxes: ['1.2.3'] }], userInformation: { maximumLength: 1 } };
     const decoded = [...new pdu.PduDecoder({ maxLength: 100 }).push(pdu.encodePdu(request)[0])][0];
     JSON.stringify([Array.from(bytes), decoded.callingAeTitle, pdu.renderPdu(decoded).split('\\n').length > 5])`,
    context,
  );
  expect(JSON.parse(result)).toEqual([[7, 0, 0, 0, 0, 4, 0, 0, 2, 1], 'B', true]);
});
