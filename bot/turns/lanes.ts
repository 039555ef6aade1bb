/** Runs the jobs of one key one after the other, in the order they came; those of different keys side by side. */
export class Lanes {
  private readonly tails = new Map<string, Promise<void>>();
  /** Jobs that are waiting or running, oldest first: when each was added. */
  private readonly jobs = new Set<{ readonly addedAt: number }>();

  /** Jobs that are waiting or running. */
  get size(): number {
    return this.jobs.size;
  }

  /** Milliseconds since the oldest job was added; 0 where there is none. */
  get oldestAgeMs(): number {
    const [oldest] = this.jobs;
    return oldest ? performance.now() - oldest.addedAt : 0;
  }

  /** True where a job would begin at once. */
  isFree(key: string): boolean {
    return !this.tails.has(key);
  }

  /** Adds a job to its lane. A job must handle its own errors; one that throws all the same does not stop the lane. */
  add(key: string, job: () => Promise<void>): void {
    const entry = { addedAt: performance.now() };
    this.jobs.add(entry);
    const tail = (this.tails.get(key) ?? Promise.resolve()).then(job).catch(() => undefined).then(() => {
      this.jobs.delete(entry);
      if (this.tails.get(key) === tail) this.tails.delete(key);
    });
    this.tails.set(key, tail);
  }

  /** Adds a job and gives what comes of it. */
  run<T>(key: string, job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.add(key, () => job().then(resolve, reject));
    });
  }

  /** Resolves when every lane is empty, including jobs that are added meanwhile. */
  async idle(): Promise<void> {
    while (this.tails.size > 0) await Promise.all(this.tails.values());
  }
}
