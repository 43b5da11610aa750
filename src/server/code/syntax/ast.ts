/**
 * The part of the syntax of Python and JavaScript that the interpreter follows. Offsets count UTF-16 units from the start of the text. What is not
 * followed is `unknown`: an expression without a known value, or a statement that may assign anything to the names in it.
 */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export type Expression = Span &
  (
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'number'; readonly value: number; readonly isFloat: boolean }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'format'; readonly parts: readonly (string | FormatPart)[] }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'none' }
    | { readonly kind: 'ellipsis' }
    | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
    | { readonly kind: 'dict'; readonly entries: readonly DictEntry[] }
    | { readonly kind: 'starred'; readonly value: Expression }
    | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
    | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
    | {
        readonly kind: 'slice';
        readonly start: Expression | null;
        readonly stop: Expression | null;
        readonly step: Expression | null;
      }
    | Call
    | {
        readonly kind: 'binary';
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | { readonly kind: 'compare'; readonly first: Expression; readonly rest: readonly Comparison[] }
    | {
        readonly kind: 'logical';
        /** `nullish` is JavaScript's `??`. */
        readonly operator: 'and' | 'or' | 'nullish';
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'conditional';
        readonly test: Expression;
        readonly whenTrue: Expression;
        readonly whenFalse: Expression;
      }
    | {
        readonly kind: 'lambda';
        readonly parameters: readonly Parameter[];
        readonly body: Expression | readonly Statement[];
      }
    | {
        readonly kind: 'comprehension';
        readonly makes: 'list' | 'dict' | 'other';
        readonly element: readonly Expression[];
        readonly clauses: readonly Clause[];
      }
    | { readonly kind: 'assignment'; readonly target: Expression; readonly value: Expression }
    | { readonly kind: 'unknown'; readonly parts: readonly Expression[] }
  );

export interface Call {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}

export type CallExpression = Span & Call;

/** `f(value)`, `f(name=value)`, `f(*value)` or `f(**value)`. */
export interface Argument extends Span {
  readonly name: string | null;
  readonly spread: '' | '*' | '**';
  readonly value: Expression;
}

/** A replacement field of an f-string. */
export interface FormatPart {
  readonly value: Expression;
  /** After the colon; `''` where there is none, `null` where it is more than literal text. */
  readonly spec: string | null;
}

/** @property key `null` for `**value`. As a target the value takes what the key has; `assignment` gives it a default. */
export interface DictEntry {
  readonly key: Expression | null;
  readonly value: Expression;
}

export interface Comparison {
  readonly operator: string;
  readonly right: Expression;
}

export interface Clause {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}

export interface Parameter {
  readonly name: string;
  readonly spread: '' | '*' | '**';
  readonly fallback: Expression | null;
  /** After `*` or `*args`. */
  readonly keywordOnly: boolean;
  /** What takes the argument apart, where it has no name of its own. */
  readonly pattern?: Expression;
}

export interface FunctionDefinition extends Span {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly decorators: readonly Expression[];
  readonly body: readonly Statement[];
}

export interface ClassDefinition extends Span {
  readonly kind: 'class';
  readonly name: string;
  readonly bases: readonly Expression[];
  readonly body: readonly Statement[];
}

/** One name that an import binds. @property path `keras.layers.Dense`; relative imports start with `.` */
export interface ImportedName {
  readonly name: string;
  readonly path: string;
}

/** Whether a name that is assigned is a new one of the innermost block or of the function. */
export type Declaring = 'block' | 'function';

export type Statement =
  | FunctionDefinition
  | ClassDefinition
  | (Span &
      (
        | { readonly kind: 'expression'; readonly value: Expression }
        | {
            readonly kind: 'assign';
            readonly targets: readonly Expression[];
            readonly value: Expression;
            readonly declares?: Declaring;
          }
        /** With names of its own. */
        | { readonly kind: 'block'; readonly body: readonly Statement[] }
        | {
            readonly kind: 'update';
            readonly target: Expression;
            readonly operator: string;
            readonly value: Expression;
          }
        | {
            readonly kind: 'for';
            readonly target: Expression;
            readonly iterable: Expression;
            readonly body: readonly Statement[];
            readonly otherwise: readonly Statement[];
            readonly declares?: Declaring;
          }
        | {
            readonly kind: 'while';
            readonly test: Expression;
            readonly body: readonly Statement[];
            readonly otherwise: readonly Statement[];
            /** What follows each pass, also one that `continue` ends. */
            readonly step?: Expression;
            /** Whether the first pass needs no test. */
            readonly testsLast?: boolean;
          }
        | {
            readonly kind: 'if';
            readonly test: Expression;
            readonly whenTrue: readonly Statement[];
            readonly otherwise: readonly Statement[];
          }
        | {
            readonly kind: 'with';
            readonly items: readonly { readonly value: Expression; readonly target: Expression | null }[];
            readonly body: readonly Statement[];
          }
        | {
            readonly kind: 'try';
            readonly body: readonly Statement[];
            readonly handlers: readonly (readonly Statement[])[];
            readonly otherwise: readonly Statement[];
            readonly last: readonly Statement[];
          }
        | { readonly kind: 'return'; readonly value: Expression | null }
        | { readonly kind: 'import'; readonly names: readonly ImportedName[]; readonly star: string | null }
        | { readonly kind: 'break' | 'continue' | 'pass' | 'raise' }
        | { readonly kind: 'delete'; readonly targets: readonly Expression[] }
        | { readonly kind: 'scope'; readonly names: readonly string[]; readonly where: 'global' | 'nonlocal' }
        /** @property returns whether it may end the function. */
        | { readonly kind: 'unknown'; readonly names: readonly string[]; readonly returns?: boolean }
      ));
