import { type Argument, type Command, InvalidArgumentError, type Option } from 'commander';
import { nearest } from '../nearest.ts';

/** Answers a value that is none of the choices with the nearest, as commander does for commands and options. */
export function suggestChoices(command: Command): void {
  for (const one of [...command.options, ...command.registeredArguments]) suggestFor(one);
  for (const sub of command.commands) suggestChoices(sub);
}

function suggestFor(one: Option | Argument): void {
  const { argChoices } = one;
  if (!argChoices) return;
  one.argParser((value: string) => {
    if (argChoices.includes(value)) return value;
    const [near] = nearest(value, argChoices);
    const suggestion = near === undefined ? '' : `\n(Did you mean ${near}?)`;
    throw new InvalidArgumentError(`Allowed choices are ${argChoices.join(', ')}.${suggestion}`);
  });
}
