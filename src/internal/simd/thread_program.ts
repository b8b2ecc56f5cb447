/**
 * What a worker runs, as short text, since bundlers neither know of a file that is only fetched nor shorten text. It
 * takes calls from the last to the first, until there are none, and sleeps. All that a call needs is read once the call
 * is its own: until it is done, the job stays what it is. A module that has not come yet is in the queue of messages,
 * so it returns to that.
 *
 * Control words: 0 how many calls nobody has taken yet and, above 16 bits, which module they go to; 1 calls that are
 * done; 2 the next part of the scratch memory; 3 which job it is, as each is configured once; 4 the function, by its
 * place among the exports; 5 numbers of the settings, and 6 of a call; 7 whether one has thrown; 8 workers that have
 * started. Numbers: scratch memory, the bytes of a part of it, the settings, and all calls.
 */
export const THREAD_PROGRAM = `const modules=[];let memory,words,numbers,job,scratch
onmessage=({data})=>{
if(data.memory){({memory,words,numbers}=data);Atomics.add(words,8,1)}
else modules[data.id]=new WebAssembly.Instance(data.module,{env:{memory}}).exports
for(;;){
const open=Atomics.load(words,0),left=open&65535,module=modules[open>>16]
if(!left)Atomics.wait(words,0,open)
else if(!module)return
else if(Atomics.compareExchange(words,0,open,open-1)===open){
try{run(module,left-1)}catch(error){words[7]=1;console.error(error)}
Atomics.add(words,1,1)}}}
function run(module,call){
const first=2+words[5],width=words[6],at=first+call*width
if(job!==words[3]){
job=words[3]
scratch=numbers[0]+numbers[1]*Atomics.add(words,2,1)
module.configure?.(...numbers.subarray(2,first))}
Object.values(module)[words[4]](...numbers.subarray(at,at+width),scratch)}`;
