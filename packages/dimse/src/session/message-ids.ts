// The Message IDs of requests (PS3.7 §9.1.1.1.1).

/** The number of different Message IDs in use: 1 to FFFFH. Some peers treat 0 as an absent value. */
export const MESSAGE_IDS = 0xffff;

/** The next Message ID after `last` that no outstanding request has. At least one ID must be free. */
export function messageIdAfter(last: number, isOutstanding: (id: number) => boolean): number {
  let id = last;
  do id = (id % MESSAGE_IDS) + 1;
  while (isOutstanding(id));
  return id;
}
