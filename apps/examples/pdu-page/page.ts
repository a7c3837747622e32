// A page that decodes the PDUs of a captured connection: the bytes of one direction, as `tcpdump` or Wireshark export them raw.

import { PduDecoder, PduError, renderPdu, summarizePdu } from '@x/pdu';

const input = document.querySelector('input') as HTMLInputElement;
const list = document.querySelector('ol') as HTMLOListElement;
/** A page with more of them would be slow. */
const MOST_PDUS = 10_000;

input.addEventListener('change', async () => {
  list.replaceChildren();
  const file = input.files?.[0];
  if (!file) return;
  const decoder = new PduDecoder({ maxLength: 16 * 1024 * 1024 });
  let count = 0;
  try {
    // Chunk by chunk, so that a file of any size can be read.
    for (const reader = file.stream().getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      for (const pdu of decoder.push(value)) {
        if (++count > MOST_PDUS) throw new Error(`the file has more than ${MOST_PDUS} PDUs`);
        show(summarizePdu(pdu), renderPdu(pdu));
      }
    }
  } catch (error) {
    show(error instanceof PduError ? `not a PDU: ${error.message}` : String(error), '');
  }
  document.title = `${count} PDUs`;
});

/** Texts come from the file: `textContent` does not interpret them. */
function show(summary: string, details: string): void {
  const item = list.appendChild(document.createElement('li'));
  const box = item.appendChild(document.createElement('details'));
  box.appendChild(document.createElement('summary')).textContent = summary;
  box.appendChild(document.createElement('pre')).textContent = details;
}
