/** Memory for bodies that are still on their way: thousands of senders who never finish must not fill the process. */
export class Room {
  private used = 0;

  constructor(private readonly maxBytes: number) {}

  /** False where nothing is left. */
  take(bytes: number): boolean {
    if (this.used + bytes > this.maxBytes) return false;
    this.used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.used -= bytes;
  }
}

/**
 * Puts a body's chunks together. As a list, a body that comes byte by byte would take two hundred times its size:
 * chunks are copied into one buffer that doubles when it is full.
 */
export class Collector {
  private buffer: Buffer = Buffer.alloc(0);
  private length = 0;

  add(chunk: Buffer): void {
    const needed = this.length + chunk.length;
    if (this.length === 0) this.buffer = chunk; // nearly every body is one chunk: no copy
    else {
      if (needed > this.buffer.length) this.grow(Math.max(needed, 2 * this.buffer.length));
      chunk.copy(this.buffer, this.length);
    }
    this.length = needed;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private grow(size: number): void {
    const next = Buffer.allocUnsafeSlow(size);
    this.buffer.copy(next, 0, 0, this.length);
    this.buffer = next;
  }
}
