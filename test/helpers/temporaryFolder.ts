import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test; `remove` deletes it with all that is in it. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'parley-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
