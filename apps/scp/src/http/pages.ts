// Where the files of the live page are: beside this program's own, whether it is built or not.

export const PAGES = new URL('../../pages/', import.meta.url);
