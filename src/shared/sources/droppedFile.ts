/** Bytes of a file from another program that is dropped on a page, which sends them in one message. A larger file is opened in place. */
export const MAX_DROPPED_BYTES = 32e6;

export const OPEN_IN_PLACE = 'Choose it with "Input" at the top of the page: it is then read in place.';
