// Suggestions for misspelled words.

/** The most similar of the words, if one is similar enough. The comparison ignores case. */
export function nearestWord(written: string, words: Iterable<string>): string | undefined {
  let [nearest, least]: [string | undefined, number] = [undefined, Math.max(2, Math.floor(written.length / 5)) + 1];
  for (const word of words) {
    // The distance is at least the difference in length.
    if (Math.abs(word.length - written.length) >= least) continue;
    const apart = distance(written.toLowerCase(), word.toLowerCase());
    if (apart < least) [nearest, least] = [word, apart];
  }
  return nearest;
}

/** The number of letters to change, insert or delete (Levenshtein distance). */
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
