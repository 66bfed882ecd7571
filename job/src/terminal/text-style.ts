/** How a text for people is shown. */
export interface TextStyle {
  /** How wide a line may be: characters. Commands are never broken. */
  columns: number;
  paint: Paint;
}

export type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold';
/** Colours a text where that is wanted. A colour is never all that says something. */
export type Paint = (colour: Colour, text: string) => string;

/** That of a file: nothing shows colours, and lines may be as long as they are. */
export const plainStyle: TextStyle = { columns: Number.POSITIVE_INFINITY, paint: (_, text) => text };
