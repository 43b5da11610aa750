/** An image inside an answer. */
export interface ToolPicture {
  readonly mimeType: 'image/png';
  /** Base64. */
  readonly data: string;
}

/** What a tool answers to a language model. */
export interface ToolAnswer {
  /** One JSON document of bounded size (`jsonText`). */
  readonly text: string;
  readonly pictures: readonly ToolPicture[];
}
