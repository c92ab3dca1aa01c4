import { html, nothing, type TemplateResult } from 'lit';
import { problemWords, type ApiProblem } from '../data/api-problem.ts';
import '../ui/x-button.ts';
import '../ui/x-notice.ts';

/** That nothing could be had, and why, in place of what would stand there. */
export function failedCard(problem: ApiProblem, again: () => void): TemplateResult {
  const { title, advice } = problemWords(problem);
  return html`<div class="card grid">
    <x-notice tone="bad" heading=${title} advice=${advice}>
      <x-button @click=${again}>Try again</x-button>
    </x-notice>
  </div>`;
}

/** That what stands below could not be had anew; nothing where it could. `what`: `The tasks`. */
export function staleBanner(
  problem: ApiProblem | undefined,
  what: string,
  again: () => void,
): TemplateResult | typeof nothing {
  if (problem === undefined) return nothing;
  return html`<x-notice
    kind="banner"
    tone="warn"
    heading="${problemWords(problem).title}."
    advice="${what} below are the last ones known."
    ><x-button @click=${again}>Try again</x-button></x-notice
  >`;
}
