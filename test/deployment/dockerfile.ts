export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly { readonly keyword: string; readonly rest: string }[];
}

/** The stages of a Dockerfile, and the arguments before them with their defaults. */
export function readDockerfile(text: string): { readonly args: Readonly<Record<string, string>>; readonly stages: readonly Stage[] } {
  const args: Record<string, string> = {};
  const stages: { name: string; base: string; instructions: { keyword: string; rest: string }[] }[] = [];
  const joined = text.replace(/\\\n\s*/g, '');
  for (const line of joined.split('\n').filter((each) => each.trim() !== '' && !each.startsWith('#'))) {
    const [, keyword = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (keyword === 'FROM') {
      const [, base = '', name = ''] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ name, base, instructions: [] });
    } else if (stages.length === 0 && keyword === 'ARG') args[rest.split('=')[0] ?? ''] = rest.slice(rest.indexOf('=') + 1);
    else stages.at(-1)?.instructions.push({ keyword, rest });
  }
  return { args, stages };
}
