/** The parts of Adaptive Cards 1.5 that our cards use (https://adaptivecards.io/explorer). */
export interface AdaptiveCard {
  readonly type: 'AdaptiveCard';
  readonly $schema: string;
  readonly version: '1.5';
  readonly fallbackText: string;
  readonly rtl?: boolean;
  readonly body: readonly CardElement[];
  readonly actions?: readonly CardAction[];
}

export type CardElement = TextBlock | RichTextBlock | Image | Container | ColumnSet | ActionSet | ChoiceSet | TextInput | Toggle;

type Spacing = 'none' | 'small' | 'default' | 'medium' | 'large';
type TextLook = {
  readonly size?: 'small' | 'default' | 'medium' | 'large';
  readonly weight?: 'default' | 'bolder';
  readonly color?: 'default' | 'accent' | 'good' | 'warning' | 'attention';
  readonly isSubtle?: boolean;
};
type Placed = { readonly id?: string; readonly spacing?: Spacing; readonly separator?: boolean; readonly isVisible?: boolean };

/** Markdown is read in `text`: for words of the catalogue only. */
export interface TextBlock extends TextLook, Placed {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly style?: 'heading';
}

/** Knows no markdown: for untrusted text. */
export interface RichTextBlock extends Placed {
  readonly type: 'RichTextBlock';
  readonly inlines: readonly TextRun[];
}

export interface TextRun extends TextLook {
  readonly type: 'TextRun';
  readonly text: string;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly selectAction?: OpenUrlAction;
}

export interface Image extends Placed {
  readonly type: 'Image';
  /** An address, or a data address. */
  readonly url: string;
  /** For those who do not see it. */
  readonly altText: string;
  readonly size: 'stretch';
}

export interface Container extends Placed {
  readonly type: 'Container';
  readonly style?: 'default' | 'emphasis' | 'accent' | 'attention' | 'warning';
  readonly selectAction?: SelectAction;
  readonly items: readonly CardElement[];
}

export interface ColumnSet extends Placed {
  readonly type: 'ColumnSet';
  readonly columns: readonly Column[];
}

export interface Column {
  readonly type: 'Column';
  readonly width: 'stretch';
  /** Direction of what is inside, where it differs from the card's. */
  readonly rtl?: boolean;
  readonly items: readonly CardElement[];
}

export interface ActionSet extends Placed {
  readonly type: 'ActionSet';
  readonly actions: readonly CardAction[];
}

export interface ChoiceSet extends Placed {
  readonly type: 'Input.ChoiceSet';
  readonly id: string;
  readonly label: string;
  readonly style: 'compact' | 'expanded';
  readonly value: string;
  readonly choices: readonly { readonly title: string; readonly value: string }[];
}

export interface TextInput extends Placed {
  readonly type: 'Input.Text';
  readonly id: string;
  readonly label: string;
  readonly isMultiline: boolean;
  /** Characters. */
  readonly maxLength: number;
}

/** Submits "true" or "false". */
export interface Toggle extends Placed {
  readonly type: 'Input.Toggle';
  readonly id: string;
  /** Beside the box. Words of the catalogue only. */
  readonly title: string;
  readonly value: 'true' | 'false';
  readonly wrap: true;
}

export interface OpenUrlAction {
  readonly type: 'Action.OpenUrl';
  readonly title?: string;
  readonly tooltip?: string;
  readonly url: string;
}

export interface SubmitAction {
  readonly type: 'Action.Submit';
  readonly title: string;
  readonly tooltip?: string;
  readonly style?: 'default' | 'positive' | 'destructive';
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ExecuteAction {
  readonly type: 'Action.Execute';
  readonly title: string;
  readonly style?: 'default' | 'positive' | 'destructive';
  readonly verb: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly fallback: SubmitAction;
}

export type CardAction = OpenUrlAction | SubmitAction | ExecuteAction;
type SelectAction = OpenUrlAction | SubmitAction;

/** What every card has besides its body: who reads it and the text that stands in for it. */
export interface CardFrame {
  /** BCP 47 of the card's text: gives its direction. */
  readonly language?: string;
  /** Plain text for clients that do not know version 1.5. */
  readonly text: string;
  readonly body: readonly CardElement[];
  readonly actions?: readonly CardAction[];
}

const maxFallbackLength = 1_000;

/** An Adaptive Card 1.5, the newest version that both Teams and Web Chat 4.18 (adaptivecards 3.0.6) draw. */
export function adaptiveCard({ language, text, body, actions = [] }: CardFrame): AdaptiveCard {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText: text.length > maxFallbackLength ? `${text.slice(0, maxFallbackLength - 1).toWellFormed()}…` : text,
    // No `lang`: adaptivecards 3.0.6 checks it with a regular expression that keeps state, and refuses every second card's.
    ...(language && isRightToLeft(language) && { rtl: true }),
    body,
    ...(actions.length > 0 && { actions }),
  };
}

const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** Whether a language (BCP 47) is written from right to left. */
export const isRightToLeft = (language: string): boolean => rightToLeft.has(language.split('-', 1)[0]?.toLowerCase() ?? '');
