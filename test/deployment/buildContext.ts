import { posix } from 'node:path';

/**
 * Which of the files a container engine takes into the build, as .dockerignore says: the last pattern that fits a path or
 * a folder that it is in decides. https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function inContext(ignoreFile: string, paths: readonly string[]): readonly string[] {
  const rules = ignoreFile.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ takes: line.startsWith('!'), fits: toExpression(line.replace(/^!/, '')) }));
  return paths.filter((path) => rules.reduce((isTaken, { takes, fits }) => (withFolders(path).some((each) => fits.test(each)) ? takes : isTaken), true));
}

const withFolders = (path: string): readonly string[] => (path === '.' ? [] : [path, ...withFolders(posix.dirname(path))]);

/** Patterns are those of Go's filepath.Match, with `**` for any number of folders. */
function toExpression(pattern: string): RegExp {
  const source = pattern.replace(/^\/|\/$/g, '').split(/(\*\*\/|\*\*|\*|\?)/).map((part) => wildcards[part] ?? part.replace(/[.+^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('')}$`);
}

const wildcards: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
