import { visibleText } from './escape';
import { defused, safeLine } from './safeInline';

export interface MarkdownRules {
  /** Whether an http or https URL may be a link: it stood in what the person gave, or is on the list of the settings. */
  readonly mayLink: (url: string) => boolean;
  /** The text is not whole yet. What is given for it then is the beginning of what is given for any continuation. */
  readonly isGrowing?: boolean;
}

/**
 * Markdown that a model wrote, made safe to show: formatting, code and tables as they are, links by `mayLink` alone,
 * other addresses as code, no images and no HTML. Every construct is confined to its line and written in the one way
 * that all clients read alike, so that none finds another meaning in it.
 */
export function safeMarkdown(text: string, { mayLink, isGrowing = false }: MarkdownRules): string {
  // Half a character may yet become anything.
  const lines = visibleText(isGrowing ? text.replace(/[\uD800-\uDBFF]$/, '') : text).split(/[\n\u2028\u2029]/);
  const written: string[] = [];
  let fence: Fence | undefined;
  for (const [index, line] of lines.entries()) {
    const isOpenEnded = isGrowing && index === lines.length - 1;
    const opened: Fence | undefined = fence ? undefined : fenceOf(line);
    if (isOpenEnded && mayBeFence.test(line)) written.push('');
    else if (fence) written.push(closes(line, fence) ? CODE_FENCE : codeLine(line));
    else written.push(opened ? `${opened.indentation}${CODE_FENCE}${opened.language}` : safeLine(line, { mayLink, isGrowing: isOpenEnded }));
    if (opened) fence = opened;
    else if (fence && closes(line, fence)) fence = undefined;
  }
  return [...written, ...(fence && !isGrowing ? [CODE_FENCE] : [])].join('\n');
}

interface Fence {
  readonly sign: string;
  readonly length: number;
  readonly indentation: string;
  readonly language: string;
}

const CODE_FENCE = '```';
const mayBeFence = /^\s*(?:(?:`+|~+)[^`]*)?$/;

/** Indented by more than three spaces it would be no fence everywhere. */
function fenceOf(line: string): Fence | undefined {
  const [, space = '', signs = '', info = ''] = /^(\s*)(`{3,}|~{3,})([^`]*)$/.exec(line) ?? [];
  if (signs === '') return undefined;
  return { sign: signs.charAt(0), length: signs.length, indentation: ' '.repeat(Math.min(space.length, 3)), language: /^[\w+#.-]{1,30}/.exec(info.trim())?.[0] ?? '' };
}

function closes(line: string, { sign, length }: Fence): boolean {
  const signs = line.trim();
  return signs.length >= length && signs === sign.repeat(signs.length);
}

/** A line of code that looks like a fence must not end the code. */
const codeLine = (line: string): string => defused(line.replace(/^(\s*)(?=```|~~~)/, '$1\u2060'));
