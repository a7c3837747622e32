// Person names: up to three component groups (PS3.5 §6.2.1).

/** A person's name in its component groups, each with its components separated by `^`. */
export interface PersonName {
  /** Components joined by `^`, in single-byte characters. */
  readonly Alphabetic?: string;
  /** The name in ideographic characters. */
  readonly Ideographic?: string;
  /** The name in phonetic characters. */
  readonly Phonetic?: string;
}

/** Parses an encoded name, such as `Yamada^Tarou=山田^太郎=やまだ^たろう`, into its component groups. */
export function parsePersonName(text: string): PersonName {
  const [alphabetic, ideographic, phonetic] = text.split('=').map((group) => group.trimEnd());
  return {
    ...(alphabetic && { Alphabetic: alphabetic }),
    ...(ideographic && { Ideographic: ideographic }),
    ...(phonetic && { Phonetic: phonetic }),
  };
}

/** The name as it is encoded in a data set: `Yamada^Tarou=山田^太郎`. */
export function personNameText({ Alphabetic = '', Ideographic = '', Phonetic = '' }: PersonName): string {
  return `${Alphabetic}=${Ideographic}=${Phonetic}`.replace(/=+$/, '');
}

/** Whether a value is a person name in component groups. */
export function isPersonName(value: unknown): value is PersonName {
  return (
    typeof value === 'object' &&
    value !== null &&
    ('Alphabetic' in value || 'Ideographic' in value || 'Phonetic' in value)
  );
}
