/** One kind of torture. `run` throws on the first loss it finds, with what repeats it in the message. */
export interface Scenario {
  name: string;
  /** One line: what is done and what must hold. */
  about: string;
  /** How many rounds the long run makes of it when asked for 200. */
  factor: number;
  run(options: {
    seed: number;
    rounds: number;
    say(line: string): void;
  }): Promise<Record<string, number>>;
}
