using System.Linq;
using NLog.Layouts;
using NLog.Targets.Loki.Tests.Support;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Integration;

/// <summary>What is set through a base type counts as if it were set on the target itself.</summary>
public sealed class HiddenSettingTests : ServerTests
{
    [Test]
    public void A_layout_that_masks_counts_when_it_is_set_through_the_base_type_before_the_target_is_initialised()
    {
        var factory = new LogFactory { ThrowConfigExceptions = true };
        var configuration = Logging.Parse(Logging.TargetXml(Server.Url), factory);
        foreach (var target in configuration.AllTargets.OfType<TargetWithLayout>())
            target.Layout = "MASKED ${level}";
        factory.Configuration = configuration;
        factory.GetLogger("test").Info("secret");
        factory.Shutdown();
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EqualTo(new[] { "MASKED Info" }));
    }

    [Test]
    public void A_layout_that_masks_counts_from_the_next_hand_over_on_when_it_is_set_while_the_target_runs()
    {
        using var logging = Logging.To(Server.Url);
        logging.Logger().Info("first");
        logging.Factory.Flush();
        foreach (var target in logging.Factory.Configuration!.AllTargets.OfType<TargetWithLayout>())
            target.Layout = "MASKED ${level}";
        logging.Logger().Info("secret");
        logging.Factory.ReconfigExistingLoggers();
        logging.Logger().Info("secret");
        logging.Factory.Shutdown();
        Assert.That(Server.Entries.Select(entry => entry.Line), Is.EquivalentTo(new[] { "first", "MASKED Info", "MASKED Info" }));
    }

    [Test]
    public void A_layout_that_is_set_on_the_target_after_one_of_the_base_type_counts()
    {
        var target = new LokiTarget { Endpoint = Server.Url.ToString() };
        ((TargetWithLayout)target).Layout = "base";
        target.Layout = "own";
        using var logging = Logging.With(target);
        logging.Logger().Info("line");
        logging.Factory.Shutdown();
        Assert.That(Server.Entries.Single().Line, Is.EqualTo("own"));
    }

    [Test]
    public void A_JsonLayout_with_properties_that_is_set_through_the_base_type_switches_the_metadata_off_as_usual()
    {
        var target = new LokiTarget { Endpoint = Server.Url.ToString() };
        ((TargetWithLayout)target).Layout = new JsonLayout { IncludeEventProperties = true };
        Assert.That(target.IncludeEventProperties, Is.False);
    }

    [Test]
    public void Numbers_that_are_set_through_the_base_type_are_ours_and_NLog_keeps_what_it_needs()
    {
        var target = new LokiTarget { Endpoint = Server.Url.ToString() };
        AsyncTaskTarget @base = target;
        @base.BatchSize = 7;
        @base.TaskDelayMilliseconds = 70;
        @base.TaskTimeoutSeconds = 17;
        @base.RetryCount = 3;
        @base.RetryDelayMilliseconds = 700;
        ((TargetWithContext)target).IncludeEventProperties = false;
        using (Logging.With(target))
            AssertOurs();
        AssertOurs();
        Assert.That((@base.BatchSize, @base.TaskDelayMilliseconds), Is.EqualTo((1021, 7)));
        Assert.That((@base.TaskTimeoutSeconds, @base.RetryCount), Is.EqualTo((-1, -1)), "switched off");

        void AssertOurs()
        {
            Assert.That((target.BatchSize, target.TaskDelayMilliseconds, target.TaskTimeoutSeconds), Is.EqualTo((7, 70, 17)));
            Assert.That((target.RetryCount, target.RetryDelayMilliseconds, target.IncludeEventProperties), Is.EqualTo((3, 700, false)));
        }
    }

    [Test]
    public void What_was_set_last_counts()
    {
        var target = new LokiTarget();
        AsyncTaskTarget @base = target;
        @base.BatchSize = 7;
        target.BatchSize = 8;
        Assert.That(target.BatchSize, Is.EqualTo(8));
        @base.BatchSize = 9;
        Assert.That(target.BatchSize, Is.EqualTo(9));
    }

    [Test]
    public void A_refused_value_is_named_also_when_it_was_set_through_the_base_type()
    {
        var target = new LokiTarget { Endpoint = Server.Url.ToString() };
        ((AsyncTaskTarget)target).BatchSize = 0;
        Assert.That(Assert.Catch(() => Logging.With(target))!.GetBaseException().Message, Does.Contain("batchSize is 0"));
    }

    [Test]
    public void A_queue_smaller_than_a_hand_over_is_no_setting_of_the_base_type()
    {
        var target = new LokiTarget { Endpoint = Server.Url.ToString(), QueueLimit = 10 };
        using (Logging.With(target))
        {
        }

        using (Logging.With(target))
            Assert.That(target.BatchSize, Is.EqualTo(10_000));
    }
}
