import { problemWords, type ApiProblem } from '../../data/api-problem.ts';

/** What to tell a person on the floor when the gateway gave nothing. By code, never by its text. */
export function floorProblemWords(problem: ApiProblem): { title: string; advice: string } {
  switch (problem.code) {
    case 'UNREACHABLE':
      return {
        title: 'The gateway does not answer',
        advice: 'Check the wireless network. What you do is kept here and sent when it is back.',
      };
    case 'UNAVAILABLE':
    case 'STORE_FULL':
    case 'LINK_DOWN':
      return {
        title: 'The gateway is busy or starting',
        advice: 'It tries again by itself. Nothing is lost.',
      };
    case 'NOT_ALLOWED':
      return { title: 'You may not do this here', advice: 'Ask a supervisor.' };
    case 'NOT_FOUND':
      return { title: 'There is no such record here', advice: 'Check the number, or scan again.' };
    case 'BAD_INPUT':
      return { title: 'Something is missing or wrong', advice: problem.message };
    case 'SIGN_IN_FAILED':
    case 'TOO_MANY_ATTEMPTS':
      return problemWords(problem);
    default:
      return {
        title: 'The gateway could not do this',
        advice: 'Try again. If it stays like this, its log says why.',
      };
  }
}
