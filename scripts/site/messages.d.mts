export interface Message {
  kind: string;
  text: string;
  remedies: string[];
}
export function messages(): Message[];
export function messagesPage(kinds: readonly string[], all: readonly Message[]): string;
