// The file of the audit log: one line after the other, with a bound on the lines that wait.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Logger } from '@x/cli/logger';

/** Bytes of lines that wait to be written; further lines are lost and counted. */
const MOST_WAITING = 16 * 1024 * 1024;

/** Opens or creates a file for appending. @throws the system's error; Error if it is not a regular file */
export async function openAuditFile(path: string, logger: Logger, mostWaiting = MOST_WAITING): Promise<AuditFile> {
  const file = new AuditFile(path, await openForAppending(path), logger, mostWaiting);
  // A crash of the machine may have cut off the last line.
  if (await endsInLine(path)) file.write('\n');
  return file;
}

/**
 * A failure to write does not stop the archive: the lines are lost, the log says so once, and the audit log says how many were
 * lost when it can be written again.
 */
export class AuditFile {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #mostWaiting: number;
  #file: FileHandle;
  #lines: string[] = [];
  #waiting = 0;
  #lost = 0;
  #writing: Promise<void> | undefined;

  constructor(path: string, file: FileHandle, logger: Logger, mostWaiting: number) {
    this.#path = path;
    this.#file = file;
    this.#logger = logger;
    this.#mostWaiting = mostWaiting;
  }

  /** Makes the line that says that lines were lost. */
  lostLine: (lost: number) => string = (lost) => `${JSON.stringify({ lost })}\n`;

  /** Lines that were lost and that the file does not yet tell of. */
  get lost(): number {
    return this.#lost;
  }

  write(line: string): void {
    if (this.#waiting + line.length > this.#mostWaiting) {
      this.#lose(1, `more than ${this.#mostWaiting} bytes wait to be written`);
      return;
    }
    this.#lines.push(line);
    this.#waiting += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Opens the file again, because another program has renamed it. If that fails, the old file is kept. @throws the error */
  async reopen(): Promise<void> {
    const fresh = await openForAppending(this.#path);
    await this.flush();
    const before = this.#file;
    this.#file = fresh;
    await before.close();
  }

  /** Settles when nothing waits. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#file.close();
  }

  async #writeAll(): Promise<void> {
    // In a later turn, so that lines of one turn are written together.
    await Promise.resolve();
    while (this.#lines.length > 0) {
      const lines = this.#lines;
      const lost = this.#lost;
      this.#lines = [];
      this.#waiting = 0;
      const { written, error } = await this.#append([...lines, ...(lost > 0 ? [this.lostLine(lost)] : [])]);
      if (error === undefined) {
        this.#lost -= lost;
        if (lost > 0) this.#logger.warn(`the audit log is being written again; ${lost} entries were lost`);
      } else this.#lose(Math.max(0, lines.length - written), (error as Error).message);
    }
    this.#writing = undefined;
  }

  /** Appends lines as far as the disk takes them. A line that is cut off is removed, so that the next one begins a line. */
  async #append(lines: readonly string[]): Promise<{ readonly written: number; readonly error?: unknown }> {
    const bytes = Buffer.from(lines.join(''));
    let at = 0;
    try {
      while (at < bytes.length) at += (await this.#file.write(bytes, at)).bytesWritten;
      return { written: lines.length };
    } catch (error) {
      let [written, end] = [0, 0];
      for (const line of lines) {
        const after = end + Buffer.byteLength(line);
        if (after > at) break;
        end = after;
        written++;
      }
      await this.#removeEnd(at - end).catch(() => {});
      return { written, error };
    }
  }

  async #removeEnd(length: number): Promise<void> {
    if (length > 0) await this.#file.truncate((await this.#file.stat()).size - length);
  }

  #lose(lines: number, why: string): void {
    if (this.#lost === 0) this.#logger.error(`the audit log ${this.#path} cannot be written, entries are lost: ${why}`);
    this.#lost += lines;
  }
}

async function openForAppending(path: string): Promise<FileHandle> {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK, 0o600);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error('it is not a regular file');
}

async function endsInLine(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return bytesRead === 1 && buffer[0] !== NEW_LINE;
  } catch {
    // An empty file, or one that may not be read.
    return false;
  }
}

const NEW_LINE = 0x0a;
