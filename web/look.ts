// Colours are the variables of theme.css, so that light, dark and Teams' themes change them without drawing anything again.
const color = (name: string): string => `var(--${name})`;

const font = "'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', sans-serif";

/** Web Chat's style options: https://github.com/microsoft/BotFramework-WebChat, packages/api/src/StyleOptions.ts */
export function styleOptions(fileTypes: readonly string[]): Readonly<Record<string, unknown>> {
  return { ...surface, ...bubbles, ...sendBox, ...suggestedActions, ...toasts, uploadAccept: fileTypes.join(',') };
}

const surface = {
  accent: color('accent'),
  backgroundColor: 'transparent',
  subtle: color('text-soft'),
  primaryFont: font,
  monospaceFont: "'Cascadia Code', Consolas, 'Courier New', monospace",
  fontSizeSmall: '0.75rem',
  paddingRegular: 12,
  timestampColor: color('text-soft'),
  groupTimestamp: 120_000,
  transcriptActivityVisualKeyboardIndicatorColor: color('accent'),
  transcriptVisualKeyboardIndicatorColor: color('accent'),
  transcriptOverlayButtonBackground: color('raised'),
  transcriptOverlayButtonBackgroundOnHover: color('hover'),
  transcriptOverlayButtonBackgroundOnFocus: color('hover'),
  transcriptOverlayButtonColor: color('text'),
  transcriptTerminatorBackgroundColor: color('text-soft'),
  transcriptTerminatorColor: color('page'),
  // Drawn in CSS (chat.css): an image could not follow the theme.
  typingAnimationBackgroundImage: 'none',
  markdownExternalLinkIconImage: 'none',
  // A long card is read from its top: scrolling waits there until the person goes on.
  autoScrollSnapOnPage: true,
  slowConnectionAfter: 15_000,
  // After this the word "Connecting" goes; Web Chat's 400 ms outlast the first answer.
  notificationDebounceTimeout: 100,
};

const bubbles = {
  bubbleBackground: color('raised'),
  bubbleBorderColor: color('line'),
  bubbleBorderRadius: 12,
  bubbleTextColor: color('text'),
  bubbleMaxWidth: 720,
  bubbleMinWidth: 60,
  bubbleFromUserBackground: color('own'),
  bubbleFromUserBorderColor: color('own'),
  bubbleFromUserBorderRadius: 12,
  bubbleFromUserTextColor: color('own-text'),
};

const sendBox = {
  sendBoxBackground: color('raised'),
  sendBoxTextColor: color('text'),
  sendBoxPlaceholderColor: color('text-soft'),
  sendBoxDisabledTextColor: color('text-soft'),
  sendBoxBorderTop: `1px solid ${color('line-strong')}`,
  sendBoxHeight: 52,
  sendBoxMaxHeight: 220,
  sendBoxTextWrap: true,
  sendBoxButtonAlignment: 'bottom',
  sendBoxButtonColor: color('accent'),
  sendBoxButtonColorOnDisabled: color('text-soft'),
  sendBoxButtonShadeColor: 'transparent',
  sendBoxButtonShadeColorOnHover: color('hover'),
  sendBoxButtonShadeColorOnActive: color('hover'),
  sendBoxButtonShadeColorOnDisabled: 'transparent',
  sendBoxButtonShadeBorderRadius: 8,
  sendBoxButtonShadeInset: 6,
  sendBoxButtonKeyboardFocusIndicatorBorderColor: color('accent'),
  sendBoxButtonKeyboardFocusIndicatorBorderRadius: 8,
  sendBoxButtonKeyboardFocusIndicatorBorderStyle: 'solid',
  sendBoxButtonKeyboardFocusIndicatorBorderWidth: 2,
  sendBoxButtonKeyboardFocusIndicatorInset: 4,
  // Long texts are pasted here; at Web Chat's 2,000 characters the rest would be lost without a word.
  maxMessageLength: 200_000,
  sendTypingIndicator: false,
};

const suggestedActions = {
  suggestedActionLayout: 'flow',
  suggestedActionBackgroundColor: color('raised'),
  suggestedActionBackgroundColorOnHover: color('hover'),
  suggestedActionBackgroundColorOnActive: color('hover'),
  suggestedActionBackgroundColorOnFocus: color('raised'),
  suggestedActionBorderColor: color('line-strong'),
  suggestedActionBorderRadius: 16,
  suggestedActionBorderWidth: 1,
  suggestedActionTextColor: color('accent'),
  suggestedActionHeight: 34,
  suggestedActionKeyboardFocusIndicatorBorderColor: color('accent'),
  suggestedActionKeyboardFocusIndicatorBorderRadius: 16,
  suggestedActionKeyboardFocusIndicatorBorderStyle: 'solid',
  suggestedActionKeyboardFocusIndicatorBorderWidth: 2,
  suggestedActionKeyboardFocusIndicatorInset: -3,
  suggestedActionsVisualKeyboardIndicatorColor: color('accent'),
};

const toasts = {
  toastErrorBackgroundColor: color('bad-back'),
  toastErrorColor: color('bad'),
  toastInfoBackgroundColor: color('raised'),
  toastInfoColor: color('text'),
  toastSuccessBackgroundColor: color('raised'),
  toastSuccessColor: color('text'),
  toastWarnBackgroundColor: color('warn-back'),
  toastWarnColor: color('text'),
  toastSeparatorColor: color('line'),
  notificationText: color('text-soft'),
};

const pair = (name: string) => ({ default: color(name), subtle: color(`${name}-soft`) });
const foreground = {
  default: pair('text'), dark: pair('text'), light: pair('text'), accent: { default: color('accent'), subtle: color('accent') },
  good: { default: color('good'), subtle: color('good') }, warning: { default: color('warn'), subtle: color('warn') }, attention: { default: color('bad'), subtle: color('bad') },
};
const container = (name: string) => ({ backgroundColor: color(name), foregroundColors: foreground, borderColor: color('line') });

/** How adaptive cards are drawn: https://learn.microsoft.com/adaptive-cards/rendering-cards/host-config */
export const adaptiveCardsHostConfig = {
  supportsInteractivity: true,
  fontFamily: font,
  fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 22 },
  fontWeights: { lighter: 300, default: 400, bolder: 600 },
  lineHeights: { small: 17, default: 21, medium: 23, large: 25, extraLarge: 30 },
  spacing: { small: 6, default: 10, medium: 16, large: 22, extraLarge: 30, padding: 16 },
  separator: { lineThickness: 1, lineColor: color('line') },
  containerStyles: {
    default: container('raised'), emphasis: container('emphasis'), accent: container('emphasis'),
    good: container('good-back'), attention: container('bad-back'), warning: container('warn-back'),
  },
  actions: {
    maxActions: 6, spacing: 'default', buttonSpacing: 8, actionsOrientation: 'horizontal', actionAlignment: 'left',
    showCard: { actionMode: 'inline', inlineTopMargin: 12 },
  },
  imageSizes: { small: 32, medium: 52, large: 100 },
  textBlock: { headingLevel: 2 }, // below the page's own heading
  factSet: { title: { weight: 'bolder', wrap: true, maxWidth: 160 }, value: { wrap: true }, spacing: 12 },
};
