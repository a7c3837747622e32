// Private SOP classes: one that is stored like those of the standard, and one with its own service.

import { cFind, createScp, defineServiceClass, openSession, Status, serve, storage, TransferSyntax } from '@x/dimse';

const PRIVATE_IMAGE = '2.25.104743.1';
const PRIVATE_FIND = '2.25.104743.2';

/** An operation of the standard on a private SOP class. */
const deviceQuery = defineServiceClass({
  name: 'Device Query',
  operations: { find: cFind },
  sopClasses: { DeviceQuery: { uid: PRIVATE_FIND, operations: ['find'] } },
  // The provider gives whole items, and only requested attributes leave.
  queries: { find: { name: 'device', negotiation: 'query' } },
});

const scp = createScp({
  aeTitle: 'ARCHIVE',
  services: [
    serve(
      storage,
      {
        async store({ sopClass, sopInstance, data }) {
          let length = 0;
          for await (const chunk of data) length += chunk.length;
          console.log(`received ${sopInstance} of ${sopClass}: ${length} bytes`);
          return Status.Success;
        },
      },
      // Accepts these SOP classes besides those of the standard, except if another service lists them.
      { otherSopClasses: (uid) => uid.startsWith('2.25.104743.') },
    ),
    serve(deviceQuery, { find: () => [{ DeviceSerialNumber: '42', StationName: 'ROOM 1' }] }),
  ],
});
const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
const session = await openSession({
  host: '127.0.0.1',
  port,
  callingAeTitle: 'DEVICE',
  calledAeTitle: 'ARCHIVE',
  services: [storage, deviceQuery],
  contexts: [
    { abstractSyntax: PRIVATE_IMAGE, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] },
    { abstractSyntax: PRIVATE_FIND, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] },
  ],
});
try {
  await session.use(storage).store({
    sopClass: PRIVATE_IMAGE,
    sopInstance: '2.25.1',
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    data: new Uint8Array(100),
  });
  for await (const { identifier } of session.use(deviceQuery).find({ identifier: { DeviceSerialNumber: '' } }))
    console.log(`found device ${identifier?.DeviceSerialNumber}`);
} finally {
  await session.release();
  await scp.close();
}
