#!/usr/bin/env bash
# Takes one increment (or call that causes one) after the other out of the code and looks which test turns red.
# Not part of the CI: it takes most of an hour. Writes tools/mutations.md.
#   tools/mutate-ledger.sh            all of them
#   tools/mutate-ledger.sh PATTERN    only those whose file or text matches, printed and not written
set -u
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
product=NLog.Targets.Loki
tests=NLog.Targets.Loki.Tests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# File and line of every statement that the ledger hears of.
statements() {
    grep -nE '^\s*(if \(.*\) )?(_(held|lost|emitted|delivered|retryingBatches|requests|errors|resent|bytesSent|linesTruncated|labelsCut|metadataCut|breakerTrips|lastLatency)\b.*(\+\+|\+=|-=| = ).*;|Take\(from.*;|Read\((from|arrivals)\);|arrivals\.(Accept|IsClosed).*;|from\.Accept.*;|_open\.Add.*;|_closed\.Add.*;|_openBreakers\.Remove.*;|(queued|rejected|dropped) \+= .*;)' \
        $product/Diagnostics/Ledger.cs | grep -vE 'long\[\]|private ' | sed "s|^|$product/Diagnostics/Ledger.cs:|"
    grep -nE '^\s*(Emitted|Discarded) = .*;|^\s*Interlocked\.(Add|Increment)\(ref _(received|discarded|markersEntered|markersGone).*;|=> Interlocked\.(Add|Increment)\(' \
        $product/Diagnostics/Arrivals.cs $product/Integration/ObservedCounts.cs
    grep -nE '^\s*(_ledger\.|Leave\(|batch\.Place = |part\.Place = )' $product/Delivery/BatchAccounting.cs | sed "s|^|$product/Delivery/BatchAccounting.cs:|"
    grep -nE '^\s*taken\+\+;' $product/Delivery/DeliveryQueue.cs | sed "s|^|$product/Delivery/DeliveryQueue.cs:|"
    grep -nE '^\s*(_ledger|_accounting)\.\w+\(' $product/Delivery/Dispatcher.cs $product/Delivery/DeliveryGates.cs
    grep -nE '(Account|account)\.Ledger\.\w+\(.*;|^\s*_queue\.Receive\(.*;' $product/LokiTarget.cs $product/Integration/TargetRun.cs | grep -vE 'var |=> |Snapshot|Open\('
    grep -nE 'ledger\.Rewritten\(|_metadataCut\+\+;' $product/Rendering/EntryRenderer.cs
}

# The compiler alone, as the build called it: the rest of a build takes several times as long.
build() { (cd $product && $compiler /noconfig @../arguments.rsp >"$work/build.log" 2>&1); }

# Prints the first test that fails; nothing if all pass.
red() {
    timeout 600 dotnet vstest "$work/tests/$tests.dll" --TestCaseFilter:"$1" >"$work/test.log" 2>&1
    local code=$?
    if [ $code -eq 124 ]; then echo "(no end within ten minutes)"; return; fi
    grep -m1 -oE '^  (Failed|X) [A-Za-z_]+(\([^ ]*\))?' "$work/test.log" | sed -E 's/^  (Failed|X) //'
    if [ $code -ne 0 ] && ! grep -qE '^  Failed ' "$work/test.log"; then echo "(the run broke)"; fi
}

dotnet build $tests -v q >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
cp -r $tests/bin/Debug/net10.0 "$work/tests"
cp -r $product "$work/$product"
cp Directory.Build.* Directory.Packages.props *.snk README.md "$work/"
original=$PWD
cd "$work"
call=$(dotnet build $product -f net8.0 -v:detailed --no-incremental -p:TreatWarningsAsErrors=false -p:RunAnalyzers=false |
    grep -m1 -oE '(\S*dotnet exec )?\S*/csc(\.dll)? /noconfig .*')
compiler=${call%% /noconfig *}
echo "${call#* /noconfig }" >arguments.rsp

first='FullyQualifiedName~Diagnostics.LedgerTests|FullyQualifiedName~BatchAccountingTests|FullyQualifiedName~QueueLossTests'
then='TestCategory=Ledger&FullyQualifiedName~LedgerPropertyTests'
last='FullyQualifiedName~ConfigurationTests|FullyQualifiedName~CharacterTests|FullyQualifiedName~ValueTests|FullyQualifiedName~RefusalTests|FullyQualifiedName~DispatcherTests|FullyQualifiedName~OddUseTests|FullyQualifiedName~CredentialTests'
for filter in "$first" "$then" "$last"; do
    by=$(LOKI_TEST_SEEDS=4 red "$filter")
    [ -z "$by" ] || { echo "red without any mutation: $by"; cat test.log; exit 1; }
done
{
    echo "# Mutations of the ledger"
    echo
    echo "Each statement by which the ledger counts, and each call that makes it count, was taken out; the test named turned red."
    echo "Made by \`tools/mutate-ledger.sh\`."
    echo
    echo "| Taken out | Where | Red |"
    echo "|---|---|---|"
} >table.md

survived=0
while IFS=: read -r file line text; do
    text=$(sed -E 's/^\s+//' <<<"$text")
    [ $# -gt 0 ] && ! grep -qE -- "$1" <<<"$file $text" && continue
    cp "$file" kept.cs
    if grep -q '=>' <<<"$text"; then sed -i -E "${line}s/=>.*;/{ }/" "$file"
    else sed -i -E "${line}s/^(\s*)(if \(.*\) )?.*/\1\2{ }/" "$file"; fi
    if ! build; then by="(does not compile: $(grep -m1 -oE 'error [A-Z0-9]+' build.log))"
    else
        cp $product/obj/Debug/net8.0/$product.dll tests/
        by=$(red "$first")
        [ -n "$by" ] || by=$(LOKI_TEST_SEEDS=4 red "$then")
        [ -n "$by" ] || by=$(red "$last")
        [ -n "$by" ] || by=$(red "$then")
        [ -n "$by" ] || { by="**none**"; survived=$((survived + 1)); }
    fi
    cp kept.cs "$file"
    echo "| \`${text//|/\\|}\` | $(basename "$file" .cs) | $by |" | tee -a table.md
done < <(statements)
[ $# -gt 0 ] || cp table.md "$original/tools/mutations.md"
echo "$survived survived"
[ $survived -eq 0 ]
