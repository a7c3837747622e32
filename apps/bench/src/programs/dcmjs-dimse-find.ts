// An SCU made with dcmjs-dimse that sends C-FIND requests and counts the matches.

import dimse from 'dcmjs-dimse';
import { sendRequests } from './dcmjs-dimse-client.ts';

const [port, calledAeTitle, count] = process.argv.slice(2) as [string, string, string];
dimse.log.disableAll();
const client = new dimse.Client();
const request = dimse.requests.CFindRequest.createStudyFindRequest({ PatientID: count, StudyInstanceUID: '' });
let found = 0;
request.on('response', (response) => {
  if (response.getStatus() === dimse.constants.Status.Pending && response.getDataset()) found++;
});
client.addRequest(request);
const begun = await sendRequests(client, port, calledAeTitle);
if (found !== Number(count)) throw new Error(`${found} found`);
process.stdout.write(`${JSON.stringify({ milliseconds: performance.now() - begun })}\n`);
process.exit(0);
