import { html, nothing, type TemplateResult } from 'lit';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import { countOf } from '../../format/numbers.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import type { SubjectController } from '../scan/subject-controller.ts';

/**
 * Which scans the gateway did not answer, and a way to ask again; else what else is to be said of
 * the last scan.
 */
export function lookupTrouble(
  { unanswered }: SubjectController,
  again: (text: string) => void,
  other: string | undefined,
): TemplateResult | typeof nothing {
  const last = unanswered.at(-1);
  if (last !== undefined) {
    const { title, advice } = floorProblemWords(last.problem);
    const what = unanswered.length === 1 ? last.text : countOf(unanswered.length, 'scan');
    return html`<x-notice
      kind="banner"
      tone="bad"
      heading="${title}: nothing was done with ${what}."
      advice=${advice}
      ><x-button @click=${() => unanswered.forEach(({ text }) => again(text))}
        >Try again</x-button
      ></x-notice
    >`;
  }
  if (other === undefined) return nothing;
  return html`<x-notice kind="banner" tone="warn" heading="${other}."></x-notice>`;
}
