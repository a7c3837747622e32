// Options of associations in plain JavaScript: faults are errors before anything is sent, with the name of the right option.

import { OptionError } from '@x/pdu';
import { expect, test } from 'vitest';
import { accept } from './accept.ts';
import { listen } from './listen.ts';
import { requestAssociation } from './request.ts';

const VERIFICATION = { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] };
const REQUEST = { host: '127.0.0.1', port: 1, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts: [VERIFICATION] };
const LISTEN = { decide: () => accept({ supports: () => undefined }), serve: async () => {} };

test.each<[Record<string, unknown>, string, string]>([
  [{ callingAeTitel: 'SCU' }, 'OPTION_UNKNOWN', "unknown option 'callingAeTitel'; did you mean 'callingAeTitle'?"],
  [{ colour: 'red' }, 'OPTION_UNKNOWN', "unknown option 'colour'"],
  [{ callingAeTitle: undefined }, 'OPTION_MISSING', "the option 'callingAeTitle' is missing"],
  [{ contexts: undefined }, 'OPTION_MISSING', "the option 'contexts' is missing"],
  [{ calledAeTitle: 7 }, 'OPTION_INVALID', "the option 'calledAeTitle' is 7, not a string"],
  [{ contexts: VERIFICATION }, 'OPTION_INVALID', "the option 'contexts' is an object, not an array"],
  [{ maximumLength: -1 }, 'OPTION_INVALID', "the option 'maximumLength' is -1, not a number from 0 on"],
  [{ timeouts: { dataa: 5 } }, 'OPTION_UNKNOWN', "unknown option 'timeouts.dataa'; did you mean 'timeouts.data'?"],
  [{ tls: { certs: '' } }, 'OPTION_UNKNOWN', "unknown option 'tls.certs'; did you mean 'tls.cert'?"],
  [{ tls: true }, 'OPTION_INVALID', "the option 'tls' is true, not an object"],
  [
    { asynchronousOperations: { invoked: 8, performed: 1 } },
    'OPTION_UNKNOWN',
    "did you mean 'asynchronousOperations.invoke'",
  ],
  [{ asynchronousOperations: { invoke: 8 } }, 'OPTION_MISSING', "'asynchronousOperations.perform' is missing"],
  [{ services: [] }, 'OPTION_MISPLACED', "'services' is an option of openSession"],
])('requestAssociation refuses %o', async (change, code, message) => {
  const error = await requestAssociation({ ...REQUEST, ...change } as never).catch((caught) => caught);
  expect(error).toBeInstanceOf(OptionError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(error.message).toMatch(/^requestAssociation: /);
});

test.each<[Record<string, unknown>, Record<string, unknown>, string]>([
  [{ tls: {} }, {}, "listen: 'tls' is an option of the second argument of listen"],
  [{ prot: 104 }, {}, "listen: unknown option 'prot'; did you mean 'port'?"],
  [{ port: undefined }, {}, "listen: the option 'port' is missing"],
  [{}, { port: 104 }, "listen: 'port' is an option of the address, the first argument of listen"],
  [{}, { serve: undefined }, "listen: the option 'serve' is missing"],
  [{}, { tls: { key: '' } }, "listen: the option 'tls.cert' is missing"],
  [{}, { proxyProtocol: { from: '10.0.0.1' } }, "the option 'proxyProtocol.from' is '10.0.0.1', not an array"],
])('listen refuses %o with %o', async (address, options, message) => {
  const error = await listen({ port: 0, host: '127.0.0.1', ...address }, { ...LISTEN, ...options } as never).catch(
    (caught) => caught,
  );
  expect(error).toBeInstanceOf(OptionError);
  expect(error.message).toContain(message);
});
