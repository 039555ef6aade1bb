/** A recording's offset as people read it: `00:12:31`; hours do not wrap. */
export function formatOffset(offsetMs: number): string {
  const seconds = Math.floor(offsetMs / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
