/** `vedette sigma …` is the engine's own command line. */
export { sigma } from '@vedette/sigma/command';
