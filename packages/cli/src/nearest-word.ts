// Suggestions for misspelled words: those of the packages.

export { nearestWord } from '@x/pdu/internal';
