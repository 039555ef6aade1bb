import { soundText } from '../../state/soundText';

/** A header such as `form-data; name="file"; filename="notes.txt"`. `value` is '' where the header begins with a parameter. */
export interface ParameterizedHeader {
  /** Lower case. */
  readonly value: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Parses Content-Type and Content-Disposition. Never throws; what cannot be read is left out. */
export function parseHeader(header: string): ParameterizedHeader {
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of header.matchAll(/(?:^|;)\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g)) {
    parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain?.trim() ?? '';
  }
  const value = header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return { value: value.includes('=') ? '' : value, parameters };
}

/** The file name that a Content-Disposition gives: last part of a path, no control characters, at most 255 characters. */
export function fileNameOf({ parameters }: ParameterizedHeader): string | undefined {
  const name = decodeExtended(parameters['filename*']) ?? decodePlain(parameters['filename']);
  const base = name?.split(/[/\\]/).at(-1)?.replaceAll(/\p{Cc}/gu, '').trim().slice(0, 255);
  return base === undefined || base === '' ? undefined : soundText(base);
}

/** `UTF-8''na%C3%AFve.txt` (RFC 8187). */
function decodeExtended(text: string | undefined): string | undefined {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(text ?? '')?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Headers arrive byte by byte as characters; browsers send UTF-8 and write a quote as %22. */
function decodePlain(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return utf8.decode(Buffer.from(text, 'latin1')).replaceAll('%22', '"');
  } catch {
    return text;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `type/subtype` in lower case; application/octet-stream where the header names none. */
export function mediaTypeOf(header: string | undefined): string {
  const { value } = parseHeader(header ?? '');
  return /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,128}$/.test(value) ? value : 'application/octet-stream';
}
