/** Inside Teams the page takes on Teams' theme and language. Outside (another site's frame) Teams does not answer, and nothing changes. */
export async function followTeams(): Promise<void> {
  // Loaded only here: most people never need it.
  const { app } = await import('@microsoft/teams-js');
  try {
    await app.initialize();
    app.registerOnThemeChangeHandler(showTheme);
    const { app: { theme, locale } } = await app.getContext();
    showTheme(theme);
    if (speak(locale)) return;
    await app.notifySuccess();
  } catch {
    // Not Teams: the device's own theme stays.
  }
}

/** The language that was asked for, else the browser's: for Web Chat's own words and the bot's. */
export const chosenLocale = (): string => canonical(new URLSearchParams(location.search).get('locale') ?? '') ?? navigator.language;

function showTheme(theme: string): void {
  document.documentElement.dataset.theme = theme;
}

/** Asks the server for the page in Teams' language; true where the page is about to be replaced. */
function speak(locale: string): boolean {
  const wanted = canonical(locale); // Teams writes en-us, browsers en-US
  if (wanted === undefined || wanted === chosenLocale()) return false;
  location.replace(`?${new URLSearchParams({ locale: wanted }).toString()}`);
  return true;
}

function canonical(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined; // an address can hold anything
  }
}
