/** What Bicep files are made of, as far as they are used here: https://github.com/Azure/bicep/blob/main/docs/grammar.md */
export type Token =
  | { readonly kind: 'name' | 'number' | 'mark'; readonly text: string; readonly line: number }
  /** Texts, and the source of what is filled in between them. */
  | { readonly kind: 'string'; readonly texts: readonly string[]; readonly sources: readonly string[]; readonly text: string; readonly line: number }
  | { readonly kind: 'newline' | 'end'; readonly text: string; readonly line: number };

const marks = ['=>', '??', '||', '&&', '==', '!=', '>=', '<=', '=~', '.?', '::', '[?', '{', '}', '[', ']', '(', ')', ',', ':', '.', '?', '=', '@', '|', '!', '*', '+', '-', '/', '%', '<', '>'];

/** Throws where there is something that Bicep has no word for, or a string without an end. */
export function readTokens(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const rest = source.slice(at);
    const blank = /^(?:[ \t\r]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)/.exec(rest)?.[0];
    if (blank !== undefined) {
      line += blank.split('\n').length - 1;
      at += blank.length;
      continue;
    }
    const token = rest.startsWith('\n') ? { kind: 'newline' as const, text: '\n', line } : rest.startsWith("'") ? readString(rest, line) : readWord(rest, line);
    tokens.push(token);
    line += token.text.split('\n').length - 1;
    at += token.text.length;
  }
  return [...tokens, { kind: 'end', text: '', line }];
}

function readWord(rest: string, line: number): Token {
  const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
  if (name !== undefined) return { kind: 'name', text: name, line };
  const number = /^\d+/.exec(rest)?.[0];
  if (number !== undefined) return { kind: 'number', text: number, line };
  const mark = marks.find((each) => rest.startsWith(each));
  if (mark === undefined) throw new Error(`Line ${line}: ${JSON.stringify(rest.slice(0, 20))} is not Bicep.`);
  return { kind: 'mark', text: mark, line };
}

function readString(rest: string, line: number): Token {
  if (rest.startsWith("'''")) {
    const end = rest.indexOf("'''", 3);
    if (end < 0) throw new Error(`Line ${line}: a text has no end.`);
    return { kind: 'string', texts: [rest.slice(3, end)], sources: [], text: rest.slice(0, end + 3), line };
  }
  const [texts, sources]: [string[], string[]] = [[], []];
  let text = '';
  for (let at = 1; at < rest.length; at += 1) {
    const char = rest.charAt(at);
    if (char === '\n') break;
    if (char === "'") return { kind: 'string', texts: [...texts, text], sources, text: rest.slice(0, at + 1), line };
    if (char === '\\') text += rest[++at] ?? '';
    else if (rest.startsWith('${', at)) {
      const end = endOfFilling(rest, at + 2, line);
      texts.push(text);
      sources.push(rest.slice(at + 2, end));
      text = '';
      at = end;
    } else text += char;
  }
  throw new Error(`Line ${line}: a text has no end.`);
}

/** Where the `}` stands that ends what is filled in; texts in it may hold others. */
function endOfFilling(rest: string, start: number, line: number): number {
  let depth = 0;
  for (let at = start; at < rest.length; at += 1) {
    if (rest[at] === "'") at += readString(rest.slice(at), line).text.length - 1;
    else if (rest[at] === '{') depth += 1;
    else if (rest[at] === '}' && depth-- === 0) return at;
  }
  throw new Error(`Line ${line}: what is filled into a text has no end.`);
}
