const date = String.raw`(?<date>\d{1,4}[./-]\d{1,2}(?:[./-]\d{2,4})?)`;
const time = String.raw`(?<time>\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[\s\u202F]?[AaPp]\.?[Mm]\.?)?)`;
const name = String.raw`(?<author>[\p{L}@~+][\p{L}\p{M}\p{N}._'’()\-]*(?: [\p{L}\p{M}\p{N}._'’()&\-]+){0,5})`;
/** Also "Smith, John", as directories of companies write people. Only where the line holds nothing but name and time. */
const sortedName = String.raw`(?<author>[\p{L}@~+][\p{L}\p{M}\p{N}._'’()\-]*(?: [\p{L}\p{M}\p{N}._'’()&\-]+){0,5}(?:, \p{Lu}[\p{L}\p{M}._'’()\-]*(?: [\p{L}\p{M}._'’()&\-]+){0,4})?)`;
const day = String.raw`(?:(?:Today|Yesterday|[A-Z][a-z]+day)(?:,? at)? )?`;

/** How an export writes the line that begins a message; groups: author, text, date, time. Text may follow on the next lines. */
export interface ChatFormat {
  readonly name: string;
  readonly header: RegExp;
  /** A line of the program itself ("Ana joined"): it ends a message and is nobody's. */
  readonly notice?: RegExp;
  /** True where the header carries a time, so that two of them cannot be chance. */
  readonly stamped: boolean;
}

/** Tried in this order; the one that explains most lines wins. */
export const chatFormats: readonly ChatFormat[] = [
  {
    name: 'WhatsApp',
    header: pattern(String.raw`^\[?${date},? ${time}\]?(?: -)? (?<author>[^:\n]{1,60}?): ?(?<text>.*)$`),
    notice: pattern(String.raw`^\[?${date},? ${time}\]?(?: -)? [^:]*$`),
    stamped: true,
  },
  {
    name: 'Zoom chat',
    header: pattern(String.raw`^${time}\s+From\s+(?<author>.{1,60}?)(?:\s+[Tt]o\s+.{1,60}?)?\s*:\s*(?<text>.*)$`),
    stamped: true,
  },
  { name: 'Teams copy', header: pattern(String.raw`^\[${day}(?:${date},? )?${time}\]\s*${sortedName}(?::\s*(?<text>.*))?$`), stamped: true },
  { name: 'time, name: text', header: pattern(String.raw`^${time}\s+(?:[-–]\s*)?${name}:\s*(?<text>.*)$`), stamped: true },
  { name: 'name (time): text', header: pattern(String.raw`^${name}\s+[(\[]${time}[)\]]:\s*(?<text>.*)$`), stamped: true },
  { name: 'name, time', header: pattern(String.raw`^${sortedName},?\s+\[?${day}(?:${date},? )?${time}\]?:?$`), stamped: true },
  { name: '[name] time', header: pattern(String.raw`^\[(?<author>[\p{L}][^\]\n]{0,60})\]\s+${time}$`), stamped: true },
  { name: 'name: text', header: pattern(String.raw`^(?:\*\*)?${name}(?:\*\*)?:(?:\*\*)?\s+(?<text>\S.*)$`), stamped: false },
];

/** Words before a colon that head a field of a document, not what somebody said. */
export const fieldLabels: ReadonlySet<string> = new Set(
  ('action actions agenda attachment attachments attendees author cc date decision decisions due email example from http https hint '
    + 'important location meeting note notes organizer organiser owner participants phone place present question re remark sent '
    + 'source status subject summary tel time tip title to todo topic url version warning when where what why who how '
    + 'datum betreff von an teilnehmer thema ort zeit hinweis achtung objet fecha asunto de para').split(' '),
);

function pattern(source: string): RegExp {
  return new RegExp(source, 'u');
}
