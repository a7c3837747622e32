// What was meant, where a word is written that means nothing.

/** The word that is likest, if one is like enough; the case of letters does not count. */
export function nearestWord(written: string, words: Iterable<string>): string | undefined {
  let [nearest, least]: [string | undefined, number] = [undefined, Math.max(2, Math.floor(written.length / 5)) + 1];
  for (const word of words) {
    // Letters that are too many or too few have to be added or left out, at least.
    if (Math.abs(word.length - written.length) >= least) continue;
    const apart = distance(written.toLowerCase(), word.toLowerCase());
    if (apart < least) [nearest, least] = [word, apart];
  }
  return nearest;
}

/** How many letters have to be changed, added or left out (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [at, wanted] of [...other].entries())
      next.push(Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (letter === wanted ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
