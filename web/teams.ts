/** Inside Teams the page takes on Teams' theme. Outside (another site's frame) Teams does not answer, and nothing changes. */
export async function followTeams(): Promise<void> {
  // Loaded only here: most people never need it.
  const { app } = await import('@microsoft/teams-js');
  try {
    await app.initialize();
    const { app: { theme } } = await app.getContext();
    apply(theme);
    app.registerOnThemeChangeHandler(apply);
    await app.notifySuccess();
  } catch {
    // Not Teams: the device's own theme stays.
  }
}

function apply(theme: string): void {
  document.documentElement.dataset.theme = theme;
}
