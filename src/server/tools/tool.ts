import type * as z from 'zod';
import { fail } from '../../shared/errors';
import type { ToolPicture } from '../../shared/results/toolAnswer';
import type { Compute, RequestControl } from '../compute/compute';
import type { OpenModels } from '../session/openModels';
import type { Roots } from './roots';

/** What tools answer from. */
export interface ToolHost {
  readonly models: OpenModels;
  readonly compute: Pick<Compute, 'request'>;
}

export interface ToolCall extends ToolHost {
  /** What may be read. */
  readonly roots: Roots;
  readonly control: RequestControl;
}

/** What a tool says: JSON of bounded size, and images. */
export interface Said {
  readonly document: object;
  readonly pictures?: readonly ToolPicture[];
}

/** Something that a language model can ask for. All only read. */
export interface Tool {
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** For the language model: what it gets, and when to ask. */
  readonly description: string;
  readonly schema: z.ZodObject;
  /** @throws Failure, also `bad-input` for an input that does not fit the schema. */
  answer(call: ToolCall, input: unknown): Promise<Said>;
}

export function tool<S extends z.ZodObject>(
  about: Pick<Tool, 'name' | 'title' | 'description'> & { readonly schema: S },
  answer: (call: ToolCall, input: z.output<S>) => Promise<Said> | Said,
): Tool {
  return {
    ...about,
    async answer(call, input) {
      const parsed = about.schema.safeParse(input ?? {});
      if (parsed.success) return answer(call, parsed.data);
      const [issue] = parsed.error.issues;
      const place = issue === undefined || issue.path.length === 0 ? 'The input' : issue.path.join('.');
      return fail('bad-input', `${place} of ${about.name} is not valid: ${issue?.message ?? 'wrong type'}.`, {
        remedy: `Its arguments are: ${Object.keys(about.schema.shape).join(', ') || 'none'}.`,
      });
    },
  };
}
