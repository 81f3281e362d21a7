/**
 * `playhead completion SHELL`: prints a script with which a shell completes commands and their options. It is made from the
 * commands themselves, including those of the server's workflows if the server answers.
 */
import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Commands unknown to the program itself: each with its own commands, and their options. */
type MoreCommands = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What may follow certain words. */
interface Place {
  /** The commands so far, at most two. */
  readonly path: readonly string[];
  readonly words: readonly string[];
}

/**
 * Returns the script, for the shell to read when it starts.
 * @param program with all its commands
 */
export function completionScript(shell: Shell, program: Command, more: MoreCommands): string {
  const places = placesOf(program, more);
  if (shell === 'fish') return fishScript(places);
  const ofZsh = shell === 'zsh' ? 'autoload -Uz compinit bashcompinit && compinit && bashcompinit\n' : '';
  return ofZsh + bashScript(places);
}

function placesOf(program: Command, more: MoreCommands): readonly Place[] {
  const of = (command: Command, path: readonly string[]): readonly Place[] => {
    const names = command.commands.map((sub) => sub.name());
    const options = command.options.flatMap(({ hidden, long }) => (hidden || long == null ? [] : [long]));
    const words = [...names, ...(path.length === 0 ? Object.keys(more) : []), ...options, '--help'];
    return [{ path, words }, ...command.commands.flatMap((sub) => of(sub, [...path, sub.name()]))];
  };
  const ofMore = Object.entries(more).flatMap(([name, commands]) => [
    { path: [name], words: [...Object.keys(commands), '--help'] },
    ...Object.entries(commands).map(([command, options]) => ({ path: [name, command], words: options })),
  ]);
  return [...of(program, []), ...ofMore];
}

/**
 * The deepest place comes first, since the first match counts. zsh reads this too; it does not evaluate the length as
 * arithmetic by itself, and has a `words` of its own.
 */
function bashScript(places: readonly Place[]): string {
  const cases = places
    .toSorted((one, other) => other.path.length - one.path.length)
    .map(({ path, words }) => `    '${[...path, ''].join(' ')}'*) choices='${words.join(' ')}' ;;`);
  return `_playhead() {
  local choices line="\${COMP_WORDS[*]:1:$((COMP_CWORD - 1))} "
  case "\${line# }" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _playhead playhead
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.map(({ path, words }) => {
    const [first, second] = path;
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    const when = first === undefined ? '__fish_use_subcommand' : seen;
    const files = second === undefined ? '' : ' -f';
    return `complete -c playhead${files} -n '${when}' -a '${words.join(' ')}'`;
  });
  return `${lines.join('\n')}\n`;
}
