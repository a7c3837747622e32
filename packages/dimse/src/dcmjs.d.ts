// What of dcmjs is used, which comes without types.
declare module 'dcmjs' {
  class ReadBufferStream {
    constructor(buffer: ArrayBuffer, littleEndian: boolean);
  }
  class WriteBufferStream {
    constructor(size: number, littleEndian: boolean);
    readonly size: number;
    getBuffer(): ArrayBuffer;
  }
  const dcmjs: {
    readonly log: { setLevel(level: string): void; getLogger(name: string): { setLevel(level: string): void } };
    readonly data: {
      readonly ReadBufferStream: typeof ReadBufferStream;
      readonly WriteBufferStream: typeof WriteBufferStream;
      readonly DicomMetaDictionary: {
        readonly nameMap: Readonly<Record<string, { readonly vr: string; readonly tag: string }>>;
        naturalizeDataset(dataset: object): Record<string, unknown>;
        denaturalizeDataset(dataset: object): Record<string, unknown>;
      };
      readonly DicomMessage: {
        _read(stream: ReadBufferStream, syntax: string, options: object): object;
        write(dataset: object, stream: WriteBufferStream, syntax: string, options: object): number;
      };
    };
  };
  export default dcmjs;
}
