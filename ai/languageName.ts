/** A BCP 47 tag for a model to read: "German (de)". The tag itself where it has no name. */
export function languageName(tag: string): string {
  try {
    const name = new Intl.DisplayNames('en', { type: 'language' }).of(tag);
    return name && name !== tag ? `${name} (${tag})` : tag;
  } catch {
    return tag; // not a well-formed tag
  }
}
