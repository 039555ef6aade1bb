/** What a span says besides its name and its times: words of ours, codes and numbers, nothing of what people say and no ids of theirs. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is being traced. */
export interface OpenSpan {
  /** Runs work below this span, with all that it awaits and sends. */
  run<T>(work: () => T): T;
  note(facts: Facts): void;
  failed(error: unknown): void;
  end(): void;
}

/** What the host does with a message, as spans: `accept`, `turn`, `model`, `send`, and requests over HTTP around and below them. */
export interface Tracing {
  /** Begins a span below the one that is running, if any. */
  begin(name: string, facts?: Facts): OpenSpan;
}

/** Runs `work` as a span. Without tracing it is called, and nothing else happens. */
export function inSpan<T>(tracing: Tracing | undefined, name: string, work: (note: OpenSpan['note']) => Promise<T>): Promise<T> {
  return tracing ? traced(tracing.begin(name), work) : work(ignore);
}

async function traced<T>(span: OpenSpan, work: (note: OpenSpan['note']) => Promise<T>): Promise<T> {
  try {
    return await span.run(() => work((facts) => span.note(facts)));
  } catch (error) {
    span.failed(error);
    throw error;
  } finally {
    span.end();
  }
}

const ignore = (): void => undefined;
