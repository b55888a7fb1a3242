const newline = 0x0a;
const carriageReturn = 0x0d;

/** Cuts bytes into lines as they come, in time linear in their number however they are cut. */
export class LineSplitter {
  #parts: Uint8Array[] = [];
  readonly #decoder = new TextDecoder('utf-8');

  /** The lines that `chunk` completes, without their ends. */
  push(chunk: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let start = 0;
    // Bytes are cut, not characters, so a character that two chunks share is decoded whole.
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#parts.push(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < chunk.length) this.#parts.push(new Uint8Array(chunk.subarray(start)));
    return lines;
  }

  /** The last line, when it had no end. */
  end(): readonly string[] {
    const line = this.#take();
    return line === '' ? [] : [line];
  }

  #take(): string {
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    if (bytes === undefined) return '';
    return this.#decoder.decode(bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes);
  }
}
