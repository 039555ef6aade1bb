/** What the server hands to the page's script: settings, and the sentences that the script shows. */
export interface PageData {
  /** Extensions of files that can be read, with the dot. */
  readonly fileTypes: readonly string[];
  readonly maxUploadBytes: number;
  /** The page may run inside Teams. */
  readonly mayBeFramed: boolean;
  readonly sampleUrl: string;
  readonly prompts: Readonly<Record<string, string>>;
  readonly words: PageWords;
}

export interface PageWords {
  readonly label: { readonly ai: string; readonly quotes: string };
  readonly code: { readonly copy: string; readonly copied: string };
  readonly notice: Readonly<Record<'reconnecting' | 'offline' | 'failed' | 'retry' | 'startedAfresh' | 'sampleFailed' | 'dismiss', string>>;
  /** {name} stands for the file's name. */
  readonly refused: { readonly type: string; readonly size: string; readonly empty: string };
}

/** Reads it from the element that the server wrote. */
export function readPageData(): PageData {
  // Written by the server that sent this script, in one release with it: bot/pages/chatPage.ts.
  return JSON.parse(elementOf('page-data').textContent) as PageData;
}

/** An element that the page has. Throws where the server's markup lacks it: a mistake of ours. */
export function elementOf(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}.`);
  return element;
}
