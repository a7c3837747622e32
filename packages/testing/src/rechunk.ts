// Keeps the folder until the first file is here.
export {};
