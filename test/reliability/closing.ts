interface Closable {
  close(): Promise<unknown>;
}

/** Gives a function that takes note of what a test file opens; everything is closed at its end, the newest first, whatever failed. */
export function closeAfterwards(): <T extends Closable>(opened: T) => T {
  const open: Closable[] = [];
  afterAll(async () => {
    const failures: unknown[] = [];
    for (const closable of open.toReversed()) await closable.close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  });
  return (opened) => {
    open.push(opened);
    return opened;
  };
}
