// An SCP made with dcmjs-dimse that answers C-ECHO, C-STORE (without keeping the instances) and C-FIND.

import { createServer } from 'node:net';
import dimse from 'dcmjs-dimse';
import { match } from '../match.ts';

const { Dataset, Scp, Server, responses, constants } = dimse;
type Scp = InstanceType<typeof Scp>;
const { CEchoResponse, CFindResponse, CStoreResponse } = responses;
const { PresentationContextResult, Status, TransferSyntax } = constants;
dimse.log.disableAll();

class NullScp extends Scp {
  override associationRequested(asked: Parameters<Scp['associationRequested']>[0]) {
    for (const { id } of asked.getPresentationContexts()) {
      const context = asked.getPresentationContext(id);
      const { ExplicitVRLittleEndian: explicit, ImplicitVRLittleEndian: implicit } = TransferSyntax;
      const chosen = context.getTransferSyntaxUids().includes(explicit) ? explicit : implicit;
      context.setResult(PresentationContextResult.Accept, chosen);
    }
    this.sendAssociationAccept();
  }

  override cEchoRequest(...[request, answer]: Parameters<Scp['cEchoRequest']>) {
    const response = CEchoResponse.fromRequest(request);
    response.setStatus(Status.Success);
    answer(response);
  }

  override cStoreRequest(...[request, answer]: Parameters<Scp['cStoreRequest']>) {
    const response = CStoreResponse.fromRequest(request);
    response.setStatus(Status.Success);
    answer(response);
  }

  override cFindRequest(...[request, answer]: Parameters<Scp['cFindRequest']>) {
    const count = Number(request.getDataset()?.getElement('PatientID'));
    const found = Array.from({ length: count }, (_, index) => {
      const response = CFindResponse.fromRequest(request);
      response.setDataset(new Dataset(match(index)));
      response.setStatus(Status.Pending);
      return response;
    });
    const final = CFindResponse.fromRequest(request);
    final.setStatus(Status.Success);
    answer([...found, final]);
  }

  override associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

// It does not accept port 0.
const probe = createServer().listen(0, '127.0.0.1', () => {
  const address = probe.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  probe.close(() => {
    new Server(NullScp).listen(port);
    setTimeout(() => process.stdout.write(`listening ${port}\n`), 200);
  });
});
