// Messages of text.

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (message: Uint8Array): string => new TextDecoder().decode(message);
