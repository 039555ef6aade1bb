/** A target that has said nothing for so long to somebody is not the first choice for the next, long before it counts as down. */
const LONG_MS = 2_000;

/** Knows since when a target owes somebody the beginning of an answer. */
export class Silence {
  private readonly since = new Map<object, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  begin(request: object): void {
    this.since.set(request, this.now());
  }

  end(request: object): void {
    this.since.delete(request);
  }

  isLong(): boolean {
    const [oldest] = this.since.values(); // in the order of their beginning
    return oldest !== undefined && this.now() - oldest > LONG_MS;
  }
}
