import { elementOf, type PageData } from './pageData';

export interface FileCheck {
  readonly accepted: readonly File[];
  /** One sentence for each file that is not sent. */
  readonly refusals: readonly string[];
}

/** Sorts out files that cannot be read, before anything is sent. The server checks again. */
export function checkFiles(files: readonly File[], data: PageData): FileCheck {
  const refusals = files.map((file) => refusalOf(file, data));
  return {
    accepted: files.filter((_, index) => refusals[index] === undefined),
    refusals: refusals.filter((refusal) => refusal !== undefined),
  };
}

/** Takes files that are dropped anywhere on the page. */
export function listenForDrops(receive: (files: readonly File[]) => void): void {
  const veil = elementOf('drop');
  const show = (visible: boolean): boolean => veil.classList.toggle('drop-shown', visible);
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // else the browser leaves the page to show the file
    show(true);
  });
  // relatedTarget is null only when the pointer leaves the window.
  document.addEventListener('dragleave', (event) => event.relatedTarget === null && show(false));
  document.addEventListener('drop', (event) => {
    show(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    receive([...(event.dataTransfer?.files ?? [])]);
  });
}

function refusalOf(file: File, { fileTypes, maxUploadBytes, words: { refused } }: PageData): string | undefined {
  const name = file.name.toLowerCase();
  if (!fileTypes.some((type) => name.endsWith(type))) return withName(refused.type, file);
  if (file.size > maxUploadBytes) return withName(refused.size, file);
  return file.size === 0 ? withName(refused.empty, file) : undefined;
}

// A function as the replacement: in a string, "$&" of a file's name would mean something.
const withName = (sentence: string, file: File): string => sentence.replace('{name}', () => shorten(file.name));

const shorten = (name: string): string => (name.length > 60 ? `${name.slice(0, 40)}…${name.slice(-15)}` : name);

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
